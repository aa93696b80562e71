"""The faults of flows as they are answered."""

from console.flows.shapes import FaultOut
from sop.flows.lint import Fault


def show_faults(faults: list[Fault]) -> tuple[FaultOut, ...]:
    """Those that stop it first."""
    ordered = sorted(faults, key=lambda fault: not fault.stops)
    return tuple(
        FaultOut(
            node=fault.node,
            field=fault.violation.field,
            zh=fault.violation.message_zh,
            en=fault.violation.message_en,
            stops=fault.stops,
        )
        for fault in ordered
    )
