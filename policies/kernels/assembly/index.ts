export { multiply } from './multiply';
export { addWeightGradient, weightGradient, transpose } from './gradient';
export { gatherRows } from './gather';
export { adam, scale, sumSquares } from './adam';
