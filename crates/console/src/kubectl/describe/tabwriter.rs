//! Elastic columns: tabs end cells, and a column is as wide as its widest cell in neighbouring lines.
//!
//! Upstream: Go's `text/tabwriter`, without flags.

/// How wide columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The least width of a column, with its padding.
    pub min_width: usize,
    /// The spaces behind the widest cell of a column.
    pub padding: usize,
}

/// Replaces the tabs in `text` by spaces.
///
/// A cell is text that ends with a tab; what stands behind the last tab of a line belongs to no column.
/// Lines that follow one another and have a cell at the same place share a column; a line without one ends it.
/// A form feed ends a line and all columns.
pub fn align(text: &str, layout: Layout) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut blocks = text.split('\u{c}').peekable();
    while let Some(block) = blocks.next() {
        align_block(block, layout, &mut out);
        if blocks.peek().is_some() {
            out.push('\n');
        }
    }
    out
}

fn align_block(text: &str, layout: Layout, out: &mut String) {
    let lines: Vec<Vec<&str>> = text
        .split('\n')
        .map(|line| line.split(['\t', '\u{b}']).collect())
        .collect();
    let widths = widths(&lines, layout);
    for (at, (line, widths)) in lines.iter().zip(&widths).enumerate() {
        if at > 0 {
            out.push('\n');
        }
        for (column, cell) in line.iter().enumerate() {
            out.push_str(cell);
            if let Some(width) = widths.get(column) {
                let missing = width.saturating_sub(cell.chars().count());
                out.extend(std::iter::repeat_n(' ', missing));
            }
        }
    }
}

/// The width of each cell but the last of each line.
fn widths(lines: &[Vec<&str>], layout: Layout) -> Vec<Vec<usize>> {
    let columns = lines.iter().map(|line| line.len() - 1).max().unwrap_or(0);
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|_| Vec::new()).collect();
    for column in 0..columns {
        let mut from = 0;
        while from < lines.len() {
            let run = lines[from..]
                .iter()
                .take_while(|line| line.len() - 1 > column)
                .count();
            let width = lines[from..from + run]
                .iter()
                .map(|line| line[column].chars().count() + layout.padding)
                .max()
                .unwrap_or(0)
                .max(layout.min_width);
            for line in &mut widths[from..from + run] {
                line.push(width);
            }
            from += run.max(1);
        }
    }
    widths
}

#[cfg(test)]
mod tests;
