# The service as an image: dependencies by hash, no root, answers its own health check.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN python -m venv /tool && /tool/bin/pip install --no-cache-dir --require-hashes -r requirements-setup.lock \
    && /tool/bin/python -m hatchling build -t wheel -d /dist \
    && /venv/bin/pip install --no-cache-dir --no-deps /dist/*.whl

FROM python:3.13-slim
# For captions in Chinese on pictures of codes.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-wqy-microhei && rm -rf /var/lib/apt/lists/*
RUN useradd --system --uid 10001 --home-dir /var/lib/siyu --create-home siyu
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1
USER siyu
WORKDIR /var/lib/siyu
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["siyu"]
CMD ["serve", "-c", "/etc/siyu/config.toml"]
