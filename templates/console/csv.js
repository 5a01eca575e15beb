// Reads and writes tables as text: CSV (RFC 4180), and what a spreadsheet copies. It knows nothing of what is in them.

/** The rows that hold anything. Cells end at tabs, semicolons or commas, whichever the first line has; a column has none. */
export function readTable(text) {
    const [first] = text.split("\n", 1);
    const separator = ["\t", ";", ","].find((mark) => first.includes(mark)) ?? ",";
    const rows = [[""]];
    let isQuoted = false;
    for (let at = 0; at < text.length; at += 1) {
        const row = rows.at(-1);
        const char = text[at];
        if (char === '"' && isQuoted && text[at + 1] === '"') {
            row[row.length - 1] += char;
            at += 1;
        } else if (char === '"' && (isQuoted || row.at(-1) === "")) isQuoted = !isQuoted;
        else if (char === separator && !isQuoted) row.push("");
        else if (char === "\n" && !isQuoted) rows.push([""]);
        else row[row.length - 1] += char;
    }
    const trimmed = rows.map((row) => row.map((cell) => cell.replace(/^\uFEFF/, "").trim()));
    return trimmed.filter((row) => row.some((cell) => cell !== ""));
}

/** The rows as a file. A spreadsheet takes some texts for formulas: those get an apostrophe in front. */
export function tableFile(rows) {
    const cell = (value) => {
        const text = /^[=+\-@]/.test(value) ? `'${value}` : value;
        return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
    };
    return new Blob(rows.map((row) => `${row.map(cell).join(",")}\r\n`), { type: "text/csv" });
}
