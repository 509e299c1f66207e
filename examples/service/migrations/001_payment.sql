-- Run by `bluegreen ledger migrate` on the writer: the service itself has no DDL.
CREATE TABLE IF NOT EXISTS payment (
    number BIGINT AUTO_INCREMENT PRIMARY KEY,
    idempotency_key VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    payment_id CHAR(36) CHARACTER SET ascii NOT NULL,
    session_id CHAR(64) CHARACTER SET ascii NOT NULL,
    amount BIGINT NOT NULL,
    currency CHAR(3) CHARACTER SET ascii NOT NULL,
    colour VARCHAR(5) CHARACTER SET ascii NOT NULL,
    written_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE = InnoDB
