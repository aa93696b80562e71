"""Links into the sidebar, for prompts to staff."""

from dataclasses import dataclass
from urllib.parse import quote

from sop.groups.codes import slug
from sop.tasks import Task


@dataclass(frozen=True, slots=True)
class Links:
    """Builds URLs below the service's public address."""

    public_url: str

    def customer(self, external_user_id: str) -> str:
        """The page of one customer in the sidebar."""
        return f"{self.public_url.rstrip('/')}/sidebar/customers/{quote(external_user_id, safe='')}"

    def tasks(self) -> str:
        """The page of what a member has to do."""
        return f"{self.public_url.rstrip('/')}/sidebar/tasks"

    def of_task(self, task: Task) -> str:
        """Where everything about a task can be read: with the customer, if it is about one."""
        return self.customer(task.external_user_id) if task.external_user_id else self.tasks()

    def group(self, state: str) -> str:
        """The public page of a group code, which shows it on a phone."""
        return f"{self.public_url.rstrip('/')}/g/{slug(state)}"
