import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/parts.css';
import './styles/home.css';
import './styles/lobby.css';
import './styles/room.css';
import './styles/tiles.css';
import './styles/lanes.css';
import './styles/timeline.css';
import { App } from './app.tsx';
import { platform } from './platform.ts';
import { followLinks } from './router.ts';

platform();
followLinks();
const root = document.getElementById('app');
if (root) render(<App />, root);
