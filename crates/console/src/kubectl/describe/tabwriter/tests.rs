use super::{Layout, align};

/// Expected texts are what Go's `text/tabwriter` prints for the same input.
#[test]
fn columns() {
    let table = [
        (0, 2, "", ""),
        (0, 2, "no cells\n", "no cells\n"),
        (0, 2, "a:\tb\nlong:\tc\n", "a:     b\nlong:  c\n"),
        // A line without a cell ends the column.
        (0, 2, "a:\tb\nhead:\nlong:\tc\n", "a:  b\nhead:\nlong:  c\n"),
        // An empty line does so too.
        (0, 2, "a:\tb\n\nlong:\tc\n", "a:  b\n\nlong:  c\n"),
        // An empty last cell keeps the spaces before it.
        (0, 2, "Message:\t\nA:\tx\n", "Message:  \nA:        x\n"),
        // A second column exists only where neighbours have it.
        (
            0,
            2,
            "a\tb\tc\naaaa\tbb\ncc\td\te\n",
            "a     b  c\naaaa  bb\ncc    d  e\n",
        ),
        (0, 2, "a\tbbb\tc\naa\tb\tc\n", "a   bbb  c\naa  b    c\n"),
        // Two tabs make an empty column.
        (0, 2, "Name\t\tCPU\nx\t\ty\n", "Name    CPU\nx       y\n"),
        // Width counts characters, not bytes.
        (0, 2, "한글\tb\na\tc\n", "한글  b\na   c\n"),
        // Unended last line.
        (0, 2, "a\tb\ncc\td", "a   b\ncc  d"),
        (0, 2, "a\tb\u{c}ccc\td\n", "a  b\nccc  d\n"),
        (6, 3, "NAME\tAGE\nweb-0\t5s\n", "NAME    AGE\nweb-0   5s\n"),
        (6, 3, "A\tB\n1\t2\n", "A     B\n1     2\n"),
    ];
    for (min_width, padding, text, expected) in table {
        assert_eq!(
            align(text, Layout { min_width, padding }),
            expected,
            "{text:?}"
        );
    }
}

/// Neither many cells nor wide ones take time or memory out of proportion.
#[test]
fn large_texts() {
    let many_cells = "\t".repeat(200_000) + &"\n".repeat(200_000);
    let wide_cell = "x".repeat(200_000) + &"\t\n".repeat(200_000);
    for text in [many_cells, wide_cell] {
        let layout = Layout {
            min_width: 0,
            padding: 2,
        };
        assert!(align(&text, layout).len() < 1 << 20);
    }
}
