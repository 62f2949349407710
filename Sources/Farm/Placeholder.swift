// Farm
