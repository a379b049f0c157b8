variable "environment" {
  description = "The environment at GitHub that may deploy: its rules (only main, with reviewers) are what protects this project."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "An environment is dev, staging or prod."
  }
}

variable "project" {
  description = "The id of the Google Cloud project."
  type        = string
}

variable "region" {
  description = "Where Terraform's state lies."
  type        = string
  default     = "asia-northeast3"
}

variable "repository" {
  description = "The repository at GitHub, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$", var.repository))
    error_message = "A repository is named owner/name."
  }
}
