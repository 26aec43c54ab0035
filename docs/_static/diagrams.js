// Draws the diagrams of a page, in the colours that the page has.
const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
mermaid.initialize({ startOnLoad: true, theme: dark ? "dark" : "neutral", maxTextSize: 200000, flowchart: { useMaxWidth: true } });
