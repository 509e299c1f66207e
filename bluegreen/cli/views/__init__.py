"""What people see: pure functions from results to Rich tables. They read nothing and print nothing."""
