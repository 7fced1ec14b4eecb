DROP TABLE open_draws;
