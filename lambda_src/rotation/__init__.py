"""The function that rotates the database credentials of one colour's application (R04, R17)."""
