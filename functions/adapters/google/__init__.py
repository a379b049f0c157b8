"""Firestore, Pub/Sub and Cloud Tasks."""
