// The style and the one script of a page. Both hold neither `<` nor `&`, so that an XML parser and a browser's HTML parser read
// the same bytes, whose digests the content security policy names. The script sorts and filters the table of trials, nothing else.

/// Style and script of a page.
enum PageStyle {
  /// The rows of the table of trials that paper gets; the style sheet hides the others there.
  static let printedRows = 200

  /// The style sheet.
  static let sheet: StaticString = """

    :root { color-scheme: light dark; --back: #fff; --text: #1a1a1a; --faint: #595959; --grid: #dedede; --line: #c9c9c9;
      --soft: #f4f4f2; --failed: #D55E00; --s0: #0072B2; --s1: #009E73; --s2: #CC79A7; --s3: #E69F00; --s4: #56B4E9;
      --s5: #000; }
    @media (prefers-color-scheme: dark) { :root { --back: #16181b; --text: #e8e8e6; --faint: #a9adb2; --grid: #383c42;
      --line: #4a4f56; --soft: #202328; --failed: #ff8a4c; --s0: #5fb4ee; --s1: #35c99b; --s2: #e39ac6; --s3: #f0b23c;
      --s4: #f0e442; --s5: #fff; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1rem; max-width: 84rem; background: var(--back); color: var(--text);
      font: 1rem/1.5 Helvetica, Arial, "Liberation Sans", sans-serif; overflow-wrap: break-word; }
    h1 { font-size: 1.6rem; line-height: 1.2; margin: 0.5rem 0; }
    h2 { font-size: 1.2rem; margin: 2.2rem 0 0.6rem; padding-top: 0.5rem; border-top: 1px solid var(--line); }
    p, dl { max-width: 48rem; margin: 0.5rem 0; }
    a { color: inherit; }
    nav ul { list-style: none; margin: 0.8rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; }
    .lead { color: var(--faint); }
    .answer { border-left: 4px solid var(--s0); padding-left: 0.8rem; }
    .warn { border-left: 4px solid var(--failed); padding-left: 0.8rem; }
    .note, .bar, figcaption span { color: var(--faint); font-size: 0.85rem; }
    .figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); gap: 1.4rem 2rem;
      align-items: start; }
    figure { margin: 0; max-width: 34rem; }
    figure svg { display: block; width: 100%; height: auto; font: 10.5px Helvetica, Arial, "Liberation Sans", sans-serif; }
    figcaption { font-weight: bold; margin-bottom: 0.3rem; }
    figcaption span { display: block; font-weight: normal; }
    .t { color: var(--text); } .f { color: var(--faint); } .g { color: var(--grid); } .x { color: var(--failed); }
    .s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); } .s3 { color: var(--s3); }
    .s4 { color: var(--s4); } .s5 { color: var(--s5); }
    .scroll { overflow-x: auto; margin-top: 1.2rem; }
    ul.note { padding-left: 1.2rem; max-width: 60rem; }
    .tall { max-height: 40rem; overflow-y: auto; }
    .printed { display: none; }
    table { border-collapse: collapse; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
    th, td { padding: 0.2rem 0.7rem 0.2rem 0; text-align: right; vertical-align: top; white-space: nowrap; }
    th { border-bottom: 1px solid var(--line); vertical-align: bottom; background: var(--back); }
    .tall th { position: sticky; top: 0; }
    th:first-child, td:first-child, .w, .n { text-align: left; }
    td:first-child, .n { white-space: normal; min-width: 9rem; max-width: 24rem; }
    tbody tr:nth-child(even) { background: var(--soft); }
    th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
    th[aria-sort=ascending] button::after { content: " \\2191"; }
    th[aria-sort=descending] button::after { content: " \\2193"; }
    input { font: inherit; max-width: 100%; padding: 0.2rem 0.4rem; color: inherit; background: var(--soft);
      border: 1px solid var(--line); }
    dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: 0.2rem 1rem; font-size: 0.9rem; }
    dt { color: var(--faint); }
    dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
    code { font: 0.9em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
    @media print { :root { --back: #fff; --text: #000; --faint: #444; --grid: #ddd; --line: #bbb; --soft: #fff;
        --failed: #D55E00; --s0: #0072B2; --s1: #009E73; --s2: #CC79A7; --s3: #E69F00; --s4: #56B4E9; --s5: #000; }
      html { font-size: 9.5pt; }
      body { padding: 0; max-width: none; }
      p, dl { max-width: none; }
      nav, .bar { display: none; }
      .printed { display: inline; }
      #trials tbody tr:nth-child(n+201) { display: none; }
      .figures { display: block; columns: 2; column-gap: 8mm; }
      figure { break-inside: avoid; margin-bottom: 5mm; max-width: 74mm; }
      .scroll, .tall { overflow: visible; max-height: none; }
      .tall th { position: static; }
      th button { display: contents; }
      table { font-size: 7.5pt; }
      th, td { padding-right: 0.4rem; }
      h2 { break-after: avoid; }
      dl { break-inside: avoid; } }

    """

  /// The script.
  static let script: StaticString = """

    "use strict";
    (function () {
      var table = document.getElementById("trials");
      if (!table) { return; }
      var body = table.tBodies[0];
      var rows = Array.from(body.rows).map(function (row, index) {
        var texts = Array.from(row.cells).map(function (cell) { return cell.textContent; });
        return { row: row, index: index, texts: texts, all: texts.join(" ").toLowerCase() };
      });
      var bar = document.createElement("p");
      bar.className = "bar";
      var label = document.createElement("label");
      label.textContent = "Rows that contain ";
      var field = document.createElement("input");
      field.type = "search";
      field.id = "filter";
      field.size = 28;
      field.placeholder = "such as failed, or a recipe";
      label.appendChild(field);
      var count = document.createElement("span");
      count.setAttribute("role", "status");
      bar.append(label, " ", count);
      table.parentNode.parentNode.insertBefore(bar, table.parentNode);
      function filter() {
        var words = field.value.toLowerCase().split(/\\s+/).filter(Boolean);
        var shown = 0;
        rows.forEach(function (entry) {
          var fits = words.every(function (word) { return entry.all.includes(word); });
          entry.row.hidden = !fits;
          if (fits) { shown += 1; }
        });
        count.textContent = words.length ? shown + " of " + rows.length : "";
      }
      field.addEventListener("input", filter);
      function sort(column, sign) {
        rows.forEach(function (entry) {
          var number = parseFloat(entry.texts[column]);
          entry.key = /^-?[\\d.]/.test(entry.texts[column]) ? number : entry.texts[column];
        });
        rows.slice().sort(function (one, other) {
          var kinds = [typeof one.key, typeof other.key];
          if (kinds[0] !== kinds[1]) { return kinds[0] === "number" ? -1 : 1; }
          if (one.key === other.key) { return one.index - other.index; }
          return (one.key > other.key ? 1 : -1) * sign;
        }).forEach(function (entry) { body.appendChild(entry.row); });
      }
      Array.from(table.tHead.rows[0].cells).forEach(function (head, column, heads) {
        var button = document.createElement("button");
        button.type = "button";
        button.textContent = head.textContent;
        head.textContent = "";
        head.appendChild(button);
        button.addEventListener("click", function () {
          var isUp = head.getAttribute("aria-sort") === "ascending";
          heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
          head.setAttribute("aria-sort", isUp ? "descending" : "ascending");
          sort(column, isUp ? -1 : 1);
        });
      });
    })();

    """
}
