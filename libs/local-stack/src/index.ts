export { createHome, repositoryRoot, stackHome, type StackHome } from './home.js';
