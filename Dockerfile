# syntax=docker/dockerfile:1
# Three stages: the app for the browser, the Python packages, and a slim image that holds both and no tools.

FROM node:24-slim AS pwa
WORKDIR /src/pwa
COPY pwa/package.json pwa/package-lock.json ./
RUN npm ci --no-audit --no-fund --loglevel=error
COPY backend/data /src/backend/data
COPY tests/vectors /src/tests/vectors
COPY pwa ./
RUN npm run --silent build

FROM python:3.11-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements/run.txt /src/requirements/run.txt
# Node is a Python package here so that a machine with Python alone can build; the running server has no use for it.
RUN python -m venv /opt/mingcha \
 && /opt/mingcha/bin/pip install -q --require-hashes -r /src/requirements/run.txt \
 && for extra in $(/opt/mingcha/bin/pip freeze | sed -n 's/^\(nodejs[a-z_-]*\)==.*/\1/p'); do \
      /opt/mingcha/bin/pip uninstall -q -y "$extra"; done
COPY pyproject.toml README.md /src/
COPY requirements/run.in /src/requirements/run.in
COPY sync /src/sync
COPY media /src/media
COPY backend /src/backend
RUN cd /src && /opt/mingcha/bin/pip install -q --no-deps --no-build-isolation .

FROM python:3.11-slim AS app
RUN useradd --system --uid 10001 --no-create-home mingcha \
 && install -d -o mingcha -g mingcha /data /data/staging /static
COPY --from=packages /opt/mingcha /opt/mingcha
COPY --from=pwa /src/pwa/dist /opt/mingcha/pwa
COPY deploy/buckets.py deploy/publish-assets.sh /opt/mingcha/deploy/
ENV PATH=/opt/mingcha/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MINGCHA_DATA_DIR=/data \
    MINGCHA_PWA_DIR=/opt/mingcha/pwa \
    MINGCHA_HOST=0.0.0.0 \
    MINGCHA_PORT=8000
USER mingcha
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["mingcha", "serve"]
