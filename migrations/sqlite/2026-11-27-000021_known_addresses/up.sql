-- Where users logged in from: from there a right password is taken whatever others have guessed.
CREATE TABLE known_addresses (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- of the user and the address
    hash TEXT NOT NULL,
    last_at TEXT NOT NULL,
    PRIMARY KEY (user_id, hash)
) STRICT;
