"""The owner's desk: the pages under /admin, absent for everybody else."""
