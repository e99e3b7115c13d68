"""What the benchmarks share: installations that are thrown away, a small county, figures."""
