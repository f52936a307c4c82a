# shopwatch without what only development and backtests need: `docker build -t shopwatch .`, then `docker run shopwatch --help`.

FROM python:3.11.14-slim-bookworm AS build
WORKDIR /src

# uv, as it is pinned, installs the rest: what runs, and, in an environment that stays behind, what builds.
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
COPY requirements.txt requirements-run.txt ./
RUN sed -n '/^uv==/,/[^\\]$/p' requirements.txt > uv.txt \
    && python -m venv /opt/uv \
    && /opt/uv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement uv.txt

RUN /opt/uv/bin/uv venv /opt/shopwatch \
    && /opt/uv/bin/uv pip install --python /opt/shopwatch --require-hashes --requirement requirements-run.txt

# The engine is compiled (`hatch_build.py`).
RUN apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev
RUN /opt/uv/bin/uv venv /opt/build \
    && /opt/uv/bin/uv pip install --python /opt/build --require-hashes --requirement requirements.txt
COPY pyproject.toml hatch_build.py README.md LICENSE ./
COPY topics topics
COPY stream stream
RUN HATCH_BUILD_HOOK_ENABLE_CUSTOM=true /opt/uv/bin/uv build --wheel --no-build-isolation --python /opt/build/bin/python \
        --out-dir /dist . \
    && /opt/uv/bin/uv pip install --python /opt/shopwatch --no-deps --offline /dist/*.whl

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 shopwatch \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /nonexistent shopwatch \
    && install --directory --owner 10001 --group 10001 --mode 0700 /var/lib/shopwatch
COPY --from=build /opt/shopwatch /opt/shopwatch
COPY policies /policies
ENV PATH=/opt/shopwatch/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
ENTRYPOINT ["shopwatch"]
