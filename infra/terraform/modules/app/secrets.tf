# Secrets, by name.  What they hold is never in Terraform's state: `key` is made up while it is written, the rest is
# filled in by hand (`gcloud secrets versions add`) and then named in `set_up`.

locals {
  secrets = toset(["console", "dealer", "forms", "key", "links", "mail", "sources"])

  # What functions cannot start without, and so has a first version.
  first = toset(["key", "sources"])

  # By function: its secrets, each with the variable that it is read from.
  secret_names = {
    for name, right in local.rights : name => {
      for secret in right.secrets : secret => "SADARI_${upper(secret)}"
      if contains(local.first, secret) || contains(var.set_up, secret)
    }
  }
}

resource "google_secret_manager_secret" "secret" {
  for_each = local.secrets

  secret_id           = each.key
  project             = var.project
  deletion_protection = var.is_protected

  replication {
    user_managed {
      replicas {
        location = var.region
      }
    }
  }

  depends_on = [google_project_service.service]
}

ephemeral "random_password" "key" {
  length  = 64
  special = false
}

resource "google_secret_manager_secret_version" "first" {
  for_each = local.first

  secret                 = google_secret_manager_secret.secret[each.key].id
  secret_data_wo         = each.key == "key" ? base64encode(ephemeral.random_password.key.result) : "{}"
  secret_data_wo_version = 1 # never raised: another key would find nobody by their contacts any more

  deletion_policy = "ABANDON"
}

resource "google_secret_manager_secret_iam_member" "function" {
  for_each = local.secret_readers

  project   = var.project
  secret_id = google_secret_manager_secret.secret[each.value.secret].secret_id
  member    = google_service_account.function[each.value.function].member
  role      = "roles/secretmanager.secretAccessor"
}
