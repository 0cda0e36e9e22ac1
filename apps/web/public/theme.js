// Before the first paint, so that a chosen theme does not flash: see src/shell/preferences.ts.
{
  const query = new URLSearchParams(location.search);
  let theme = query.get("theme");
  try {
    theme ??= localStorage.getItem("hms-theme");
  } catch {
    // Storage is shut off: the system's theme stands.
  }
  if (theme === null && query.has("kiosk")) theme = "dark";
  if (["light", "dark", "contrast"].includes(theme)) document.documentElement.dataset.theme = theme;
  if (query.has("kiosk")) document.documentElement.dataset.kiosk = "";
}
