"""Lambda functions in the network: how one is packaged and deployed, whatever it does."""
