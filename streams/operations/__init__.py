"""What an operator runs beside the pipeline: doctor, drain, expire, import, archives, restore."""
