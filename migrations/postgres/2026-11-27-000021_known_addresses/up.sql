-- Where users logged in from: from there a right password is taken whatever others have guessed.
CREATE TABLE known_addresses (
    user_id TEXT COLLATE "C" NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- of the user and the address
    hash TEXT COLLATE "C" NOT NULL,
    last_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, hash)
);
