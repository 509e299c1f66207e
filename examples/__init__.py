"""Services as a user of the platform would write them."""
