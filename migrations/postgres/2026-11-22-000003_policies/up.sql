-- Where the optimiser's prices come from. Versions are only ever added.
CREATE TABLE policies (
    version BIGINT NOT NULL PRIMARY KEY,
    document TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL
);

-- Coverage targets belong to their policy's version.
CREATE TABLE targets (
    policy_version BIGINT NOT NULL REFERENCES policies (version),
    id TEXT COLLATE "C" NOT NULL,
    measure TEXT COLLATE "C" NOT NULL CHECK (measure IN ('scheduled', 'joint', 'visited')),
    department_id TEXT COLLATE "C" REFERENCES departments (id),
    scenario_id TEXT COLLATE "C" REFERENCES scenarios (id),
    area_id TEXT COLLATE "C" REFERENCES areas (id),
    risk TEXT COLLATE "C" CHECK (risk IN ('A', 'B', 'C', 'D')),
    -- in ten-thousandths
    at_least BIGINT NOT NULL CHECK (at_least BETWEEN 0 AND 10000),
    shortfall_cost BIGINT NOT NULL CHECK (shortfall_cost >= 0),
    PRIMARY KEY (policy_version, id)
);
