"""The register of what is stored about people: exported, erased and swept from one place, so that nothing is missed."""
