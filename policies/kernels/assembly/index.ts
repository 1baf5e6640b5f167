export { multiply } from './multiply';
export { weightGradient, transpose } from './gradient';
export { adam, scale, sumSquares } from './adam';
