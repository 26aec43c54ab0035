// Draws the diagrams of a page, in the colours that the page has, and goes again to the place that its address names:
// what is below a diagram has moved meanwhile.
const chosen = document.body.dataset.theme;
const dark = chosen === "dark" || (chosen !== "light" && window.matchMedia("(prefers-color-scheme: dark)").matches);
mermaid.initialize({ startOnLoad: false, theme: dark ? "dark" : "neutral", maxTextSize: 200000 });
window.addEventListener("load", async () => {
  await mermaid.run();
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (place) place.scrollIntoView();
});
