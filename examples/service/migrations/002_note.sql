-- Expand: optional, at the end. Both versions of the service go on writing.
ALTER TABLE payment ADD COLUMN note VARCHAR(140) NULL;
