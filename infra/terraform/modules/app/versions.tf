terraform {
  required_version = "~> 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "6.50.0" # the version whose schema every argument here is checked against
    }
    random = {
      source  = "hashicorp/random"
      version = "3.7.2" # the first with ephemeral values is 3.7
    }
  }
}
