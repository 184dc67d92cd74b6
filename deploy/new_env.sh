#!/bin/sh
# Prints a .env for docker compose: the settings of .env.example, with fresh random secrets.
#
#   sh deploy/new_env.sh > .env && chmod 600 .env
#
# Keep the file as you keep passwords. Run anew it prints other secrets, which an existing installation does not accept.
set -eu
cd "$(dirname "$0")/.."

# Letters and digits only: some of them stand in URLs.
secret() {
    od -An -tx1 -N32 /dev/urandom | tr -d ' \n'
}

sed -e "s/^SECRET_KEY=$/SECRET_KEY=$(secret)/" \
    -e "s/^FIELD_MASTER_KEY=$/FIELD_MASTER_KEY=$(secret)/" \
    -e "s/^AUDIT_CHAIN_KEY=$/AUDIT_CHAIN_KEY=$(secret)/" \
    -e "s/^QDRANT_API_KEY=$/QDRANT_API_KEY=$(secret)/" \
    -e "s/^S3_BUCKET=$/S3_BUCKET=ragsite-documents/" \
    -e "s/^S3_ACCESS_KEY=$/S3_ACCESS_KEY=ragsite/" \
    -e "s/^S3_SECRET_KEY=$/S3_SECRET_KEY=$(secret)/" \
    -e "s/^DEMO=1$/DEMO=0/" \
    .env.example

cat <<NAMES

# --- the other containers of docker-compose.yml
POSTGRES_PASSWORD=$(secret)
POSTGRES_APP_PASSWORD=$(secret)
REDIS_PASSWORD=$(secret)
MINIO_ROOT_PASSWORD=$(secret)
NAMES
