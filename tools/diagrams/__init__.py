"""Draws the diagrams of docs/architecture.md from synthesized templates."""
