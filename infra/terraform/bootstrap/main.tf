# Applied once by a person in each project, before GitHub can deploy.

terraform {
  required_version = "~> 1.11"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "6.50.0"
    }
  }
}

provider "google" {
  project = var.project

  default_labels = {
    environment = var.environment
    system      = "sadari"
  }
}

variable "environment" {
  description = "dev, staging or prod."
  type        = string
}

variable "project" {
  description = "The id of the Google Cloud project."
  type        = string
}

variable "repository" {
  description = "The repository at GitHub, as owner/name."
  type        = string
}

module "deployer" {
  source = "../modules/deployer"

  environment = var.environment
  project     = var.project
  repository  = var.repository
}

output "deployer" {
  description = "What the workflow at GitHub has to be told."
  value       = module.deployer
}
