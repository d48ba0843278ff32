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

/// The most characters that a column may have in all its lines. One that would need more is left as it is:
/// a few long cells among many lines would fill the memory with spaces.
const MAX_COLUMN: usize = 1 << 24;

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
    let mut widths: Vec<Vec<usize>> = lines.iter().map(|_| Vec::new()).collect();
    // Lines that share the column before this one; each cell is looked at once, however many tabs a line has.
    let mut blocks = vec![(0, 0..lines.len())];
    while let Some((column, block)) = blocks.pop() {
        let mut from = block.start;
        while from < block.end {
            let run = lines[from..block.end]
                .iter()
                .take_while(|line| line.len() - 1 > column)
                .count();
            if run == 0 {
                from += 1;
                continue;
            }
            let cells = lines[from..from + run].iter().map(|line| line[column]);
            let width = column_width(cells, run, layout);
            for line in &mut widths[from..from + run] {
                line.push(width);
            }
            blocks.push((column + 1, from..from + run));
            from += run;
        }
    }
    widths
}

fn column_width<'a>(cells: impl Iterator<Item = &'a str>, count: usize, layout: Layout) -> usize {
    let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
    let width = (widest + layout.padding).max(layout.min_width);
    if width.saturating_mul(count) > MAX_COLUMN {
        return 0;
    }
    width
}

#[cfg(test)]
mod tests;
