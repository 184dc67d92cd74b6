# syntax=docker/dockerfile:1
# The product's image: web server, workers and beat, told apart by their command (deploy/start.py).
#
# Three stages, so that neither compilers nor torch (needed once, to export the embedding model) reach the last one.
# Every package is installed from a lock with hashes; a package that was changed since does not install.

ARG PYTHON_IMAGE=python:3.11.15-slim-bookworm

# --- 1. packages of the running product -------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements/base.txt /build/requirements/
RUN /opt/venv/bin/python -m pip install --no-deps --require-hashes -r /build/requirements/base.txt

# --- 2. the embedding model, exported and checked against the original ------------------------------------------------
FROM packages AS model
# The CPU build of torch lives on PyTorch's own index; its hash is in requirements/nodeps.txt like every other.
ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
COPY requirements/nodeps.txt requirements/ml.txt /build/requirements/
RUN /opt/venv/bin/python -m pip install --no-deps --require-hashes --extra-index-url "${TORCH_INDEX_URL}" \
        -r /build/requirements/nodeps.txt \
    && /opt/venv/bin/python -m pip install --no-deps --require-hashes -r /build/requirements/ml.txt
WORKDIR /build
COPY retrieval/__init__.py retrieval/
COPY retrieval/encoders retrieval/encoders
RUN /opt/venv/bin/python -m retrieval.encoders.export --target /build/models/all-MiniLM-L6-v2

# --- 3. the image that runs -------------------------------------------------------------------------------------------
FROM ${PYTHON_IMAGE} AS product
# A number, so that Kubernetes' runAsNonRoot can check it.
RUN groupadd --gid 10001 ragsite \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ragsite
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=ragsite.settings \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/srv/ragsite/var \
    DEMO=0 \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    TOKENIZERS_PARALLELISM=false \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=4194304 \
    MALLOC_TRIM_THRESHOLD_=4194304
WORKDIR /srv/ragsite
COPY --from=packages /opt/venv /opt/venv
COPY --from=model /build/models /srv/ragsite/var/models
COPY manage.py ./
COPY ragsite ragsite
COPY retrieval retrieval
COPY documents documents
COPY hr hr
COPY tenants tenants
COPY audit audit
COPY templates templates
COPY static static
COPY deploy/start.py deploy/healthcheck.py deploy/
# Collected here, because the running container cannot write. The key lives for this one command only.
RUN SECRET_KEY=none-needed-to-copy-files FIELD_MASTER_KEY=none-needed-to-copy-the-static-files \
    AUDIT_CHAIN_KEY=none-needed-to-copy-the-static-files python manage.py collectstatic --noinput --verbosity=0 \
    && python -m compileall -q ragsite retrieval documents hr tenants audit deploy \
    && chmod -R a+rX /srv/ragsite
USER 10001:10001
EXPOSE 8000
# SIGINT would be taken for a shell's Ctrl-C by Celery's pool; SIGTERM is a warm shutdown for all of them.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=120s --retries=3 CMD ["python", "deploy/healthcheck.py", "web"]
ENTRYPOINT ["python", "deploy/start.py"]
CMD ["web"]
