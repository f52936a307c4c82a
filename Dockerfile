# Every command of shopwatch, without what only development needs: `docker build -t shopwatch .`, then `docker run shopwatch --help`.

FROM python:3.11-slim AS build
WORKDIR /src

# What runs, as it is pinned.
RUN python -m venv /opt/shopwatch
COPY requirements-run.txt ./
RUN /opt/shopwatch/bin/pip install --no-cache-dir --require-hashes --requirement requirements-run.txt

# What builds, as it is pinned: in an environment that stays behind.  The engine is compiled (`hatch_build.py`).
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN python -m venv /opt/build
COPY requirements.txt ./
RUN /opt/build/bin/pip install --no-cache-dir --require-hashes --requirement requirements.txt

COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY topics topics
COPY stream stream
RUN HATCH_BUILD_HOOK_ENABLE_CUSTOM=true /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /dist . \
    && /opt/shopwatch/bin/pip install --no-deps --no-index /dist/*.whl

FROM python:3.11-slim
RUN useradd --system --no-create-home --home-dir /nonexistent shopwatch
COPY --from=build /opt/shopwatch /opt/shopwatch
COPY policies /policies
ENV PATH=/opt/shopwatch/bin:$PATH PYTHONUNBUFFERED=1
USER shopwatch
ENTRYPOINT ["shopwatch"]
