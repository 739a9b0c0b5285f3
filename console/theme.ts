/** Before the first paint: the colours that were chosen, so that nothing flashes. */
const chosen = localStorage.getItem('console-theme');
if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;

export {};
