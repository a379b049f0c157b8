# The staged bundle, and the images that are built from it.

resource "google_storage_bucket" "bundles" {
  name     = "${var.project}-bundles"
  project  = var.project
  location = var.region

  force_destroy               = !var.is_protected
  public_access_prevention    = "enforced"
  uniform_bucket_level_access = true

  versioning {
    enabled = true
  }

  depends_on = [google_project_service.service]
}

resource "google_storage_bucket_object" "bundle" {
  # Another content is another object, so that the plan says what will run, and an old one can be run again.
  name   = "${filesha256(var.bundle)}.zip"
  bucket = google_storage_bucket.bundles.name
  source = var.bundle

  deletion_policy = "ABANDON"
}

resource "google_storage_bucket_iam_member" "builder" {
  bucket = google_storage_bucket.bundles.name
  member = google_service_account.builder.member
  role   = "roles/storage.objectViewer"
}

resource "google_artifact_registry_repository" "functions" {
  repository_id = "functions"
  project       = var.project
  location      = var.region
  format        = "DOCKER"
  description   = "What the functions run."

  cleanup_policies {
    id     = "keep-the-last"
    action = "KEEP"

    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-the-old"
    action = "DELETE"

    condition {
      older_than = "7776000s" # 90 days
    }
  }

  depends_on = [google_project_service.service]
}

resource "google_artifact_registry_repository_iam_member" "builder" {
  repository = google_artifact_registry_repository.functions.name
  project    = var.project
  location   = var.region
  member     = google_service_account.builder.member
  role       = "roles/artifactregistry.writer"
}
