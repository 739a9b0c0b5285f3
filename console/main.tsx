import { render } from 'preact';
import { App } from './app.tsx';
import { start } from './session.ts';

const place = document.getElementById('console');
if (place !== null) render(<App />, place);
void start();
