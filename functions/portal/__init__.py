"""The portal: pages for applicants and learners, reached by signed links."""
