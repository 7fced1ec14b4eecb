DROP TABLE targets;
DROP TABLE policies;
