#!/bin/sh
# MinIO, and what the product needs in it: one private bucket, and one user who can do nothing but use that bucket.
# Made anew at each start: what is there already is left as it is, and a changed S3_SECRET_KEY takes effect.
set -eu

ready=/tmp/bucket-is-ready
rm -f "$ready"

make_bucket_and_user() {
    until mc alias set local http://127.0.0.1:9000 "$MINIO_ROOT_USER" "$MINIO_ROOT_PASSWORD" >/dev/null 2>&1; do
        sleep 1
    done
    # One chain: `set -e` does not hold in a function whose failure is looked at below.
    mc mb --ignore-existing "local/$S3_BUCKET" &&
        sed "s/@BUCKET@/$S3_BUCKET/g" /deploy/policy.json.template >/tmp/policy.json &&
        mc admin policy create local "$S3_BUCKET-only" /tmp/policy.json &&
        mc admin user add local "$S3_ACCESS_KEY" "$S3_SECRET_KEY" &&
        # Attaching a policy a second time is an error to mc; what counts is that the user has it afterwards.
        { mc admin policy attach local "$S3_BUCKET-only" --user "$S3_ACCESS_KEY" >/dev/null 2>&1 || true; } &&
        mc admin user info local "$S3_ACCESS_KEY" | grep -q "$S3_BUCKET-only" &&
        : >"$ready"
}

# Without the mark the container never gets healthy, and nothing that needs the bucket starts.
(make_bucket_and_user || echo "minio: could not make bucket or user" >&2) &

exec minio server /data --address :9000
