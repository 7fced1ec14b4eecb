//! Tables of text: the first column is a name, the others are figures.

/// Heads and rows.
pub struct Table {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one.
    pub fn new(heads: &[&str]) -> Self {
        Self { heads: heads.iter().map(|head| (*head).to_owned()).collect(), rows: Vec::new() }
    }

    /// Adds a row, which has a cell for each head.
    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.heads.len(), "a cell for each head");
        self.rows.push(cells);
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines().map(|line| self.padded(line, "  ")).collect();
        let rule = "─".repeat(lines[0].chars().count());
        format!("{}\n{rule}\n{}\n", lines[0], lines[1..].join("\n"))
    }

    /// For a Markdown file.
    pub fn markdown(&self) -> String {
        let lines: Vec<String> =
            self.lines().map(|line| format!("| {} |", self.padded(line, " | "))).collect();
        let widths = self.widths();
        let rule: Vec<String> = widths
            .iter()
            .enumerate()
            .map(|(i, width)| {
                format!("{}{}", "-".repeat(width - 1), if i == 0 { "-" } else { ":" })
            })
            .collect();
        format!("{}\n| {} |\n{}\n", lines[0], rule.join(" | "), lines[1..].join("\n"))
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        [&self.heads].into_iter().chain(&self.rows)
    }

    fn widths(&self) -> Vec<usize> {
        let width = |i: usize| self.lines().map(|line| line[i].chars().count()).max();
        (0..self.heads.len()).map(|i| width(i).unwrap_or(0).max(3)).collect()
    }

    fn padded(&self, line: &[String], between: &str) -> String {
        let cells = line.iter().zip(self.widths()).enumerate();
        let cells: Vec<String> = cells
            .map(
                |(i, (cell, width))| {
                    if i == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
                },
            )
            .collect();
        cells.join(between)
    }
}
