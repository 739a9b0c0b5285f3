/** Whether the screen is as narrow as a phone's: rows have two lines there. As `style.css` has it. */
import { signal } from '@preact/signals';

const query = matchMedia('(max-width: 700px)');

export const narrow = signal(query.matches);

query.addEventListener('change', () => {
  narrow.value = query.matches;
});
