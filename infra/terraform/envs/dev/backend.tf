terraform {
  backend "gcs" {
    prefix = "sadari" # the bucket is named by: terraform init -backend-config=bucket=...
  }
}
